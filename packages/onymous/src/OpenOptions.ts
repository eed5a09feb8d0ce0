import { Result, Schema } from "effect"
import type { DatabaseError } from "@onymous/database/DatabaseError"
import * as DatabaseSettings from "@onymous/database/DatabaseSettings"
import * as SchemaName from "@onymous/database/Schema"
import { type ProjectId, read as readProjectId } from "@onymous/identity/event/ProjectId"
import type * as Policy from "@onymous/identity/policy/Policy"
import { InvalidInput } from "./errors/InvalidInput.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import { levels, type Logger, methods } from "./HostLogger.ts"
import * as Shape from "./inputs/InputShape.ts"
import * as PolicyInput from "./inputs/PolicyInput.ts"
import type { Rules } from "./session/Session.ts"

/** Where Onymous keeps its log, and for which project. */
export interface Options {
  /** `postgres://…`, a directory for the embedded database, or `memory`. */
  readonly database: string
  /** The schema that Onymous has for itself in the database; created where it does not exist. Default `onymous`. */
  readonly schema?: string
  /** Connections to a Postgres server that are open at most, of all kinds together. Default 10, at least 4. */
  readonly connections?: number
  /** Milliseconds that a Postgres server may take for a statement. Default 30,000. */
  readonly statementTimeout?: number
  /** The project that the events belong to; created where it does not exist. Default `1`. */
  readonly project?: string
  /** Fields of the policy of a project in which nothing has happened yet; another one keeps its rules. */
  readonly policy?: Policy.PolicyChange
  /** Sets the fields of `policy` from now on, whatever rules the project has. Default false. */
  readonly enforcePolicy?: boolean
  /**
   * `auto` brings the tables up to date, `check` refuses with `not_migrated` where they are not: for a role that
   * may not create. Default `auto`.
   */
  readonly migrate?: "auto" | "check"
  /**
   * What this process does unasked: `all` derives the persons of every project of the database as events come. `used`
   * derives those of a project when it is asked here, and of the projects that were called here, and no other, gives
   * events of an outbox their places and releases waiting ones when they are due. Default `all`.
   */
  readonly projectors?: "all" | "used"
  /** Hears what the library has to say. Default: warnings and errors go to `console.warn` and `console.error`. */
  readonly logger?: Logger
  /** Hears, once, that the persons of a project stand still, and why; its captures go on. */
  readonly onProblem?: (problem: Problem) => void
}

/** The rules that a project has from its first event on. */
export type ProjectRules = Pick<Options, "policy" | "enforcePolicy">

/** The persons of a project stand still until the reason is mended. */
export interface Problem {
  readonly project: string
  readonly error: OnymousError
}

const known = [
  "database",
  "schema",
  "connections",
  "statementTimeout",
  "project",
  "policy",
  "enforcePolicy",
  "migrate",
  "projectors",
  "logger",
  "onProblem",
] as const

/** Options as they are used, wherever the database is. */
export interface Use {
  readonly settings: DatabaseSettings.Options
  readonly project: ProjectId
  readonly rules: Rules | undefined
  readonly projectors: "all" | "used"
  readonly logger: Logger | undefined
  readonly onProblem: ((problem: Problem) => void) | undefined
}

/** Options as they are used. */
export interface Opened extends Use {
  readonly database: string
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const refuse = (field: string, expected: string): never => {
  throw new InvalidInput({ field, expected })
}

const isLogger = (value: unknown): boolean =>
  isObject(value) && levels.every((level) => typeof Reflect.get(value, level) === "function")

/** Reads the id of a project; throws `InvalidInput`. */
export const readProject = (id: unknown): ProjectId => {
  const read = readProjectId(id)
  if (Result.isFailure(read)) throw new InvalidInput(read.failure)
  return read.success
}

const checkRules = Shape.checkOf({
  policy: Schema.optional(Shape.object),
  enforcePolicy: Schema.optional(Shape.truth),
})

/** Reads the rules of a further project; throws `InvalidInput`. */
export const readProjectRules = (rules: ProjectRules): Rules | undefined => {
  checkRules(rules)
  return readRules(rules)
}

const readRules = ({ policy, enforcePolicy = false }: ProjectRules): Rules | undefined => {
  if (policy !== undefined && !isObject(policy)) refuse("policy", "an object of fields")
  if (typeof enforcePolicy !== "boolean") refuse("enforcePolicy", "true or false")
  return policy && { policy: PolicyInput.toChange(policy), isEnforced: enforcePolicy }
}

const checkNames = (options: object, names: ReadonlyArray<string>): void => {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) refuse(name, `none but ${names.join(", ")}`)
  }
}

/** Node 20 would open, and fail later at whatever it lacks. */
const checkRuntime = (): void => {
  if ("groupBy" in Map && "withResolvers" in Promise && "isDisjointFrom" in Set.prototype) return
  const message = `Onymous needs Node 22 or later, and this is Node ${process.versions.node}.`
  throw new OnymousError({ code: "unusable", message })
}

const readShared = (options: Omit<Options, "database">): Use => {
  checkRuntime()
  const { schema, connections, statementTimeout, logger, onProblem } = options
  const { project = "1", migrate = "auto", projectors = "all" } = options
  const id = readProject(project)
  const rules = readRules(options)
  if (migrate !== "auto" && migrate !== "check") refuse("migrate", "auto or check")
  if (projectors !== "all" && projectors !== "used") refuse("projectors", "all or used")
  if (logger !== undefined && !isLogger(logger)) refuse("logger", `an object with ${methods}`)
  if (onProblem !== undefined && typeof onProblem !== "function") refuse("onProblem", "a function")
  if (schema !== undefined && typeof schema !== "string") refuse("schema", SchemaName.expected)
  const settings = { schema, connections, statementTimeout, migrates: migrate === "auto" }
  return { settings, project: id, rules, projectors, logger, onProblem }
}

const check = (settings: Result.Result<unknown, DatabaseError>): void => {
  if (Result.isSuccess(settings)) return
  const { reason } = settings.failure
  if (reason._tag === "Refused") refuse(reason.field, reason.expected)
}

/** Reads the options before anything is opened; throws `InvalidInput` with the field that is not as expected. */
export const read = (options: Options): Opened => {
  if (!isObject(options)) refuse("options", "an object with the field database")
  checkNames(options, known)
  const { database } = options
  const use = readShared(options)
  check(DatabaseSettings.read(database, use.settings))
  return { ...use, database }
}

/** Reads the options of whoever gives a client, and no database; throws `InvalidInput`. */
export const readUse = (options: Omit<Options, "database">): Use => {
  if (!isObject(options)) refuse("options", "an object")
  const names = known.filter((name) => name !== "database")
  checkNames(options, names)
  const use = readShared(options)
  check(DatabaseSettings.readUse(use.settings))
  return use
}
