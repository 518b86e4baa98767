// Owns the way to an upload from a connection that takes files: a button, and the whole page for a file that is dropped on it.

import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Upload } from 'lucide-react'
import { useEffect } from 'react'
import { buttonLook } from '../../parts/button.tsx'
import { connectorQuery } from '../add/queries.ts'
import { keepDropped } from './dropped.ts'

export function UploadDoor({ id, connector: name }: { readonly id: string; readonly connector: string }) {
  const { data } = useQuery({ ...connectorQuery(name), enabled: name !== BLEND, retry: false })
  const takesFiles = data?.streams.some(({ passes }) => passes.some(({ accepts }) => accepts !== null)) ?? false
  const navigate = useNavigate()
  useEffect(() => {
    if (!takesFiles) return undefined
    const over = (event: DragEvent) => event.preventDefault()
    const drop = (event: DragEvent) => {
      event.preventDefault()
      const [file] = event.dataTransfer?.files ?? []
      if (!file) return
      keepDropped(file)
      void navigate({ to: '/connections/$id/upload', params: { id } })
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [takesFiles, id, navigate])
  if (!takesFiles) return null
  return (
    <Link to="/connections/$id/upload" params={{ id }} className={buttonLook()}>
      <Upload aria-hidden className="size-3.5" />
      Upload
    </Link>
  )
}

/** It is made of other connections. */
const BLEND = 'blend'
