// Owns attaching a text to an object for as long as the object lives, unseen by everybody else. A WeakMap does the same,
// and every garbage collection walks through it: for a text per record that is a fifth of the time of parsing. Here the
// text stands in a private field, which is added to an object that was made elsewhere.

/** As a constructor, it makes nothing: the fields that a subclass declares are added to the object that is given. */
function Given(object: object): object {
  return object
}

export interface AttachedText {
  get(object: object): string | undefined
  set(object: object, text: string): void
}

/** A kind of text; an object has one of each kind at most. */
export function attachedText(): AttachedText {
  return class Attached extends (Given as unknown as new (object: object) => object) {
    #text: string

    constructor(object: object, text: string) {
      super(object)
      this.#text = text
    }

    static get(object: object): string | undefined {
      return #text in object ? object.#text : undefined
    }

    static set(object: object, text: string): void {
      if (#text in object) object.#text = text
      else void new Attached(object, text)
    }
  }
}
