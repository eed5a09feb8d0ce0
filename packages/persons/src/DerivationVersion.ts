/**
 * Which rules and rows a derivation was made by. It is raised with each change of either, so that what an
 * older version has half derived is derived anew, and not resumed.
 */
export const version = 4
