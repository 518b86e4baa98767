// Owns the columns that the bare loop of the ingest benchmark writes: those of the connector beside it.

/** The stream's columns with their SQLite types, in order. */
export const COLUMNS = [
  { name: 'id', type: 'TEXT' },
  { name: 'updated_at', type: 'INTEGER' },
  { name: 'created_at', type: 'INTEGER' },
  { name: 'title', type: 'TEXT' },
  { name: 'status', type: 'TEXT' },
  { name: 'amount', type: 'TEXT' },
  { name: 'currency', type: 'TEXT' },
  { name: 'quantity', type: 'INTEGER' },
  { name: 'weight', type: 'REAL' },
  { name: 'paid', type: 'INTEGER' },
  { name: 'country', type: 'TEXT' },
  { name: 'customer', type: 'TEXT' },
  { name: 'likes', type: 'INTEGER' },
  { name: 'note', type: 'TEXT' },
  { name: 'lines', type: 'TEXT' },
] as const
