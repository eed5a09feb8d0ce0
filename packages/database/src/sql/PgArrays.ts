import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"
import { types } from "./PgCodecs.ts"

/** A column as one parameter with an explicit type, because the driver cannot guess the type of nulls. */
const column = (oid: number) => (values: ReadonlyArray<unknown>) =>
  Result.getOrThrow(PgTypes.array(values, oid, types))

export const texts: (values: ReadonlyArray<string | null>) => PgTypes.Parameter = column(
  PgTypes.OID.text,
)

export const uuids: (values: ReadonlyArray<string | null>) => PgTypes.Parameter = column(
  PgTypes.OID.uuid,
)

export const integers: (values: ReadonlyArray<number | null>) => PgTypes.Parameter = column(
  PgTypes.OID.int4,
)

/** Positions: 64 bits in SQL, safe integers here. */
export const positions: (values: ReadonlyArray<number | null>) => PgTypes.Parameter = column(
  PgTypes.OID.int8,
)

export const booleans: (values: ReadonlyArray<boolean | null>) => PgTypes.Parameter = column(
  PgTypes.OID.bool,
)

/** Times given in epoch milliseconds. */
export const times: (values: ReadonlyArray<number | null>) => PgTypes.Parameter = column(
  PgTypes.OID.timestamptz,
)

export const floats: (values: ReadonlyArray<number | null>) => PgTypes.Parameter = column(
  PgTypes.OID.float8,
)
