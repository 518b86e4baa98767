// Owns the registration of the service worker: with it the dashboard can be installed, opens while the server is away, and shows
// notifications.

const SCRIPT = '/service-worker.js'

/** What makes addresses of scripts where a page's policy takes no plain text. */
interface Trusted {
  readonly createPolicy: (
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ) => { readonly createScriptURL: (url: string) => string }
}

/** Begins it, where a browser has such a thing; without it the dashboard is the same. */
export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  const { trustedTypes } = globalThis as { readonly trustedTypes?: Trusted }
  // This one address, and no other.
  const policy = trustedTypes?.createPolicy('tidemark', { createScriptURL: () => SCRIPT })
  navigator.serviceWorker.register(policy?.createScriptURL(SCRIPT) ?? SCRIPT).catch(() => {})
}
