// Which keys an ordering becomes.

import RoostCore
import RoostSearch
import Testing

@Suite("orderings")
struct OrderingTests {
    @Test(
        "a clause is a field and a direction",
        arguments: [
            ("metrics.acc DESC", Field.metric("acc"), false),
            ("metrics.acc asc", .metric("acc"), true),
            ("metrics.acc", .metric("acc"), true),
            ("metrics.`a b` desc", .metric("a b"), false),
            ("params.\"a b\"", .param("a b"), true),
            ("tags.mlflow.note DESC", .tag("mlflow.note"), false),
            ("Created\tDESC", .attribute("start_time"), false),
            ("attribute.run_name", .attribute("run_name"), true),
            ("metrics.values DESC", .metric("values"), false),
        ]
    )
    func clause(text: String, field: Field, ascending: Bool) throws {
        #expect(try Vocabulary.runs.ordering([text]) == [OrderKey(field: field, ascending: ascending)])
    }

    @Test("keys keep their order, and none is none")
    func several() throws {
        let keys = try Vocabulary.experiments.ordering(["creation_time DESC", "experiment_id ASC"])
        #expect(keys.map(\.field) == [.attribute("creation_time"), .attribute("experiment_id")])
        #expect(keys.map(\.ascending) == [false, true])
        #expect(try Vocabulary.runs.ordering([]).isEmpty)
    }

    @Test(
        "what orders nothing is refused in mlflow's words",
        arguments: [
            ("", "Invalid order_by clause ''. Could not be parsed."),
            ("(select 1)", "Invalid order_by clause '(select 1)'. Could not be parsed."),
            (
                "metrics.m DESC; DROP TABLE runs",
                "Invalid order_by clause 'metrics.m DESC; DROP TABLE runs'. Could not be parsed."
            ),
            (" metrics.m", "Invalid order_by clause ' metrics.m'. Could not be parsed."),
            ("name SIDEWAYS", "Invalid ordering key in order_by clause 'name SIDEWAYS'."),
            (
                "SIDEWAYS",
                "Invalid attribute key 'SIDEWAYS' specified. Valid keys are '{'Created', 'artifact_uri', 'created', "
                    + "'end_time', 'run_id', 'run_name', 'start_time', 'status', 'user_id'}'"
            ),
            ("dataset.name", "Invalid identifier type 'dataset'"),
        ]
    )
    func refused(text: String, message: String) {
        #expect(refusal(ordering: [text]) == message)
    }

    @Test("a field twice is refused for runs, by whatever name, and has no effect for experiments")
    func duplicates() throws {
        #expect(
            refusal(ordering: ["created", "attributes.start_time DESC"])
                == "`order_by` contains duplicate fields: ['created', 'attributes.start_time DESC']"
        )
        #expect(try Vocabulary.experiments.ordering(["name", "name DESC"]).count == 2)
    }

    @Test("experiments are ordered by attributes alone")
    func experiments() {
        #expect(
            refusal(ordering: ["tags.a"], of: .experiments)
                == "Invalid order_by entity: tag"
        )
    }
}
