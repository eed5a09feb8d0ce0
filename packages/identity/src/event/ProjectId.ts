import type { Brand } from "effect"

/** The name of a project; part of every person id (P18). */
export type ProjectId = string & Brand.Brand<"ProjectId">

/** Brands a text as a project id. */
export const ProjectId = (text: string): ProjectId => text as ProjectId

/** The longest project id, in UTF-8 bytes: with a distinct id it still fits into the row of an index. */
const bytesMax = 1000

/** True for a project id that is longer than an index holds. */
export const isTooLong = (id: string): boolean =>
  id.length * 3 > bytesMax && new TextEncoder().encode(id).length > bytesMax
