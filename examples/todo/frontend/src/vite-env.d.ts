/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The gateway's origin, such as https://auth.example.com; by default port 8000 of the page's own host name. */
  readonly VITE_GATELODGE_URL?: string
}
