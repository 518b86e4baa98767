// Owns how deep the tests go: `npm test` takes a sample of what is only repetition, `npm run test:deep` all of it.

export const DEEP = process.env['MODE'] === 'deep'
