// Owns how an amount of money is written for people: with its currency, where that is known. Pure.

/** `0.0123 USD`; `0.0123` where nobody knows the currency. `digits` that count, at most; an amount has no more than 15. */
export function moneyText(amount: number, currency: string | null | undefined, digits = 10): string {
  const written = String(Number(amount.toPrecision(digits)))
  return currency ? `${written} ${currency}` : written
}
