// Owns the mark of Tidemark: two tides.

export function Mark({ className = 'size-6' }: { readonly className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 32 32"
      fill="none"
      stroke="currentColor"
      strokeWidth="3"
      strokeLinecap="round"
      className={`text-accent ${className}`}
    >
      <path d="M3 12c4 0 4-4 8.5-4s4.500 4 9 4 4.500-4 8.500-4" />
      <path d="M3 22c4 0 4-4 8.500-4s4.500 4 9 4 4.500-4 8.500-4" />
    </svg>
  )
}
