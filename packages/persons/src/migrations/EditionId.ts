/**
 * Editions from this number on lie apart, each in partitions of its own. The number decides, because a partition
 * takes a range of numbers: the shared one takes all below, and every edition above has a range of one.
 */
export const apartFrom = 1_099_511_627_776

/** True for an edition in partitions of its own. */
export const isApart = (edition: string): boolean => Number(edition) >= apartFrom

/** The partition of a table that has an edition's rows. */
export const partitionOf = (table: string, edition: string): string =>
  `${table}_${isApart(edition) ? edition : "shared"}`
