/** The version of Onymous. */
export const version = "0.1.0"
