import { contract } from "./Migrations.contract.ts"
import * as TempDirectory from "./TempDirectory.ts"

contract("PGlite", TempDirectory.make)
