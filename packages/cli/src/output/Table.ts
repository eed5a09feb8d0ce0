/**
 * A table in plain text: columns as wide as their widest cell; long cells are cut on a terminal.
 */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): string => {
  const cells = [header, ...rows].map((row) => row.map(cut))
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => [...(row[column] ?? "")].length)),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const cellLengthMax = 72

/** Replaces control characters of an event, because they must not reach the terminal. */
const cut = (text: string): string => {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\uFFFD")
  const isCut = process.stdout.isTTY && plain.length > cellLengthMax
  return isCut ? `${plain.slice(0, cellLengthMax - 1)}…` : plain
}
