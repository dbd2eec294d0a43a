// Builds the operator's page into ../static: index.html and hashed assets, nothing inline.
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'console',
  base: '/',
  build: {
    outDir: '../../static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    reportCompressedSize: true,
  },
});
