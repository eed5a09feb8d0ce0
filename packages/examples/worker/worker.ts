import { Onymous, OnymousError } from "onymous"
import { PgBoss } from "pg-boss"
import { type Order, queue } from "./orders.ts"

const database = process.env["DATABASE_URL"]
if (database === undefined)
  throw new Error("DATABASE_URL names the Postgres server of jobs and events.")

const onymous = await Onymous.open({ database, policy: { buffer_enabled: false } })
const boss = new PgBoss(database)
boss.on("error", (error) => console.error(error.message))
await boss.start()
await boss.createQueue(queue, { retryLimit: 5, retryBackoff: true })

await boss.work<Order>(queue, async (jobs) => {
  for (const { id, data } of jobs) {
    try {
      // The job's id is the event's: a job that runs twice, because its worker was killed, is one event.
      const { isNew } = await onymous.capture({
        uuid: id,
        distinctId: data.customer,
        event: "ordered",
        properties: { cents: data.cents },
      })
      const person = await onymous.person(data.customer)
      console.log(`${isNew ? "captured" : "known"}: ${person?.distinctIds.join(", ")}`)
    } catch (error) {
      // What no retry mends must not block the queue.
      if (!(error instanceof OnymousError) || error.isRetryable) throw error
      console.error(`${id}: ${error.message}`)
    }
  }
})
console.log(`works on ${queue}`)

/** First the jobs under way, then the log. */
const close = async () => {
  await boss.stop()
  await onymous.close()
  console.log("closed")
}
process.once("SIGTERM", close).once("SIGINT", close)
