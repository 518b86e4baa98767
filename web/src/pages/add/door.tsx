// Owns the way to a first connection, from pages that have nothing to show without one.

import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { buttonLook } from '../../parts/button.tsx'

export function AddDoor() {
  return (
    <Link to="/add" className={buttonLook()}>
      <Plus aria-hidden className="size-3.5" />
      Add a connection
    </Link>
  )
}
