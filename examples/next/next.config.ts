import type { NextConfig } from 'next'

// This folder is the app's root, whatever lock files stand above it.
const config: NextConfig = { turbopack: { root: import.meta.dirname }, poweredByHeader: false }

export default config
