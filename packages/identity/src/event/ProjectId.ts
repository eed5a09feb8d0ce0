import type { Brand } from "effect"

/** The name of a project; part of every person id (P18). */
export type ProjectId = string & Brand.Brand<"ProjectId">

/** Brands a text as a project id. */
export const ProjectId = (text: string): ProjectId => text as ProjectId
