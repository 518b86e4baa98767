// Owns what authors of connectors test with: emulators of providers, and the kit that they are made of.

export * from './emulators/index.ts'
