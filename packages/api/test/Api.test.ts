import { expect, it } from "@effect/vitest"
import { OpenApi } from "effect/http-api"
import { Api } from "../src/Api.ts"

const { paths, components } = OpenApi.fromApi(Api)

it("there are four questions to a project, each with its key, its errors and a way to wait", () => {
  const prefix = "/api/projects/{project}"
  expect(Object.keys(paths)).toEqual([
    `${prefix}/persons`,
    `${prefix}/events`,
    `${prefix}/warnings`,
    `${prefix}/status`,
  ])
  for (const { get } of Object.values(paths)) {
    expect(Object.keys(get?.responses ?? {}).toSorted()).toEqual([
      "200",
      "400",
      "401",
      "503",
      "504",
    ])
    expect(get?.parameters.map(({ name }) => name)).toContain("min_position")
    expect(get?.security).toEqual([{ bearer: [] }])
  }
})

it("all names are in snake_case", () => {
  const names = Object.values(paths).flatMap(({ get }) => get?.parameters.map(({ name }) => name))
  const text = JSON.stringify([paths, components])
  const properties = [...text.matchAll(/"properties":\{"(\w+)"/g)].map(([, name]) => name)
  for (const name of [...names, ...properties]) expect(name).toMatch(/^[a-z_]+$/)
})
