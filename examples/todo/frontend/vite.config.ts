import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The port is part of the origin that the gateway lets in (GATELODGE_ALLOWED_ORIGINS): better no server than one on another port.
// 127.0.0.1, for a browser finds it as localhost too.
const server = { host: '127.0.0.1', port: 5173, strictPort: true }

// The client kit stands outside of this folder, and finds its packages in it.
const kit = { dedupe: ['@apollo/client', 'graphql', 'rxjs'] }
const fs = { allow: ['.', '../../../clients'] }

export default defineConfig({ plugins: [react()], resolve: kit, server: { ...server, fs }, preview: server })
