import { type Brand, Result } from "effect"
import { invalid, type Invalid } from "../encoding/Invalid.ts"

/** The name of a project; part of every person id (P18). */
export type ProjectId = string & Brand.Brand<"ProjectId">

/** Brands a text that is known to be a project id, because it was read as one, or stored. */
export const ProjectId = (text: string): ProjectId => text as ProjectId

/** The longest project id, in UTF-8 bytes: with a distinct id it still fits into the row of an index. */
const bytesMax = 1000

/** What a project id has to be. */
export const expected = `a text of 1 to ${bytesMax} bytes, without NUL`

/** A unit of UTF-16 takes up to three bytes: a short text is not encoded to be measured. */
const isTooLong = (id: string): boolean =>
  id.length * 3 > bytesMax && new TextEncoder().encode(id).length > bytesMax

/** Reads the id of a project, wherever somebody names one. */
export const read = (given: unknown): Result.Result<ProjectId, Invalid> =>
  typeof given !== "string" ||
  given === "" ||
  given.includes("\0") ||
  !given.isWellFormed() ||
  isTooLong(given)
    ? invalid("project", expected)
    : Result.succeed(ProjectId(given))
