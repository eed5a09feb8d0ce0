import { type Lost, sqlOf } from "@onymous/database/structure/Structure"
import { type Finding, wrong } from "./Finding.ts"

/** The parts that the tables of the log, and those of the persons, have lost. */
interface LostParts {
  readonly log: Lost
  readonly persons: Lost
}

const namesOf = ({ tables, partitions, uniques }: Lost): ReadonlyArray<string> => [
  ...tables.map((name) => `the table ${name}`),
  ...partitions.map((name) => `the partition ${name}`),
  ...uniques.map(({ name }) => `the unique index ${name}`),
]

/** The tables about editions, which the step that derives again reads. */
const editionTables = ["checkpoints", "retired_editions"]

/** What makes the lost parts again: SQL, or a backup where events, or the numbers of editions, are lost. */
const remedyOf = ({ log, persons }: LostParts, schema: string): string => {
  const isBeyond =
    log.tables.length > 0 || persons.tables.some((table) => editionTables.includes(table))
  if (isBeyond) return "Restore the schema from one backup."
  const ofLog = log.uniques.map((unique) => sqlOf(unique, schema)).join(" ")
  const derived =
    namesOf(persons).length === 0
      ? ""
      : `update ${schema}.persons_migrations set name = '0001_persons'; and \`onymous serve\` derives persons anew.`
  return `Restore the schema from one backup, or stop what appends and type: ${[ofLog, derived].filter((part) => part !== "").join(" ")}`
}

/** The finding of lost parts, as a partial restore leaves them; undefined where all is there. */
export const look = (lost: LostParts, schema: string): Finding | undefined => {
  const names = [...namesOf(lost.log), ...namesOf(lost.persons)]
  return names.length === 0
    ? undefined
    : wrong("tables", `They lack ${names.join(", ")}`, remedyOf(lost, schema))
}
