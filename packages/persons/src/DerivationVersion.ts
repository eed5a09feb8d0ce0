/**
 * The version of the rules and of the tables by which persons are derived. A change of either raises it, because a
 * migration to a new version drops all derived rows, and the projector derives them again.
 */
export const version = 9
