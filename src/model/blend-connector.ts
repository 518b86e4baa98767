// Owns the name of the connector that every blend has, for those that only tell blends from other connections. Nobody connects
// it: `blend create` does.

export const BLEND = 'blend'
