import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The port is part of the origin that the gateway allows (GATELODGE_ALLOWED_ORIGINS), so the server must not use another one.
// 127.0.0.1, because browsers resolve localhost to it too.
const server = { host: '127.0.0.1', port: 5173, strictPort: true }

// The client kit is outside of this folder, but uses its packages.
const kit = { dedupe: ['@apollo/client', 'graphql', 'rxjs'] }
const fs = { allow: ['.', '../../../clients'] }

export default defineConfig({ plugins: [react()], resolve: kit, server: { ...server, fs }, preview: server })
