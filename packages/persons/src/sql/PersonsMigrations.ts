import init from "../migrations/0001_persons.ts"
import waiting from "../migrations/0002_waiting.ts"
import editions from "../migrations/0003_editions.ts"
import retractions from "../migrations/0004_retractions.ts"
import numbers from "../migrations/0005_numbers.ts"
import apart from "../migrations/0006_apart.ts"
import bytes from "../migrations/0007_bytes.ts"
import beats from "../migrations/0008_beats.ts"
import versions from "../migrations/0009_versions.ts"
import beaten from "../migrations/0010_beaten.ts"

/** The migrations of the read model's tables, by name, to be run once each in that order. */
export const migrations = {
  "0001_persons": init,
  "0002_waiting": waiting,
  "0003_editions": editions,
  "0004_retractions": retractions,
  "0005_numbers": numbers,
  "0006_apart": apart,
  "0007_bytes": bytes,
  "0008_beats": beats,
  "0009_versions": versions,
  "0010_beaten": beaten,
}
