import manifest from "../package.json" with { type: "json" }

/** The version of Onymous. */
export const { version } = manifest
