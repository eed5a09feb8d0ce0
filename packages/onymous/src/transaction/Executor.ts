/** A row as a driver gives it, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>

/**
 * Runs a statement in a transaction of the host. Parameters are numbered (`$1`), and each value is a text;
 * `onymous/adapters` makes one of what a driver calls its transaction.
 */
export interface Executor {
  readonly executeSql: (
    text: string,
    values: ReadonlyArray<string>,
  ) => Promise<{ readonly rows: ReadonlyArray<Row> }>
}
