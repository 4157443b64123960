// Reading the fields of requests, with the messages that MLflow 3.17.2 gives.

import RoostCore
import Testing

private struct Probe: FieldsReadable {
    let runID: String
    let count: Int64?
    let value: Double?
    let names: [String]

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        count = try fields.int64("max_results")
        value = try fields.double("value")
        names = try fields.strings("names", max: 2)
    }
}

@Suite("Fields")
struct FieldsTests {
    private func read(_ text: String) throws -> Probe {
        var fields = try Fields(body: try JSONReader.parse(Array(text.utf8)))
        return try Probe(from: &fields)
    }

    @Test("both spellings of a name, but not at once; run_uuid stands in for run_id")
    func spellings() throws {
        #expect(try read(#"{"run_id":"a","maxResults":"7"}"#).count == 7)
        // A required field counts under its first name only.
        #expect(throws: APIError.self) { try read(#"{"runId":"a"}"#) }
        #expect(try read(#"{"run_uuid":"a"}"#).runID == "a")
        #expect(try read(#"{"run_uuid":"a","run_id":"b"}"#).runID == "b")
        #expect(throws: APIError.invalid("Request specifies both 'run_id' and 'runId'; provide only one of them.")) {
            try read(#"{"run_id":"a","runId":"a"}"#)
        }
    }

    @Test("unknown fields are ignored, null is absent, missing is said in MLflow's words")
    func absent() throws {
        #expect(try read(#"{"run_id":"a","zz":[{}],"max_results":null}"#).count == nil)
        for text in ["{}", #"{"run_id":""}"#, #"{"run_id":null}"#] {
            #expect(
                throws: APIError.invalid(
                    "Missing value for required parameter 'run_id'. See the API docs for more information about request"
                        + " parameters.")
            ) { try read(text) }
        }
    }

    @Test(
        "a wrong type is quoted, with Python's name for it",
        arguments: [
            (#"{"run_id":5}"#, "Invalid value 5 for parameter 'run_id' supplied:  Hint: Value was of type 'int'."),
            (
                #"{"run_id":"a","max_results":"x"}"#,
                "Invalid value \"x\" for parameter 'max_results' supplied:  Hint: Value was of type 'str'."
            ),
            (
                #"{"run_id":"a","max_results":1.5}"#,
                "Invalid value 1.5 for parameter 'max_results' supplied:  Hint: Value was of type 'float'."
            ),
            (
                #"{"run_id":"a","value":true}"#,
                "Invalid value true for parameter 'value' supplied:  Hint: Value was of type 'bool'."
            ),
            (
                #"{"run_id":"a","names":{"b":1,"a":"é"}}"#,
                "Invalid value {\"a\":\"\\u00e9\",\"b\":1} for parameter 'names' supplied:  Hint: Value was of type 'dict'."
            ),
        ])
    func wrongTypes(_ text: String, _ words: String) {
        let error = #expect(throws: APIError.self) { try read(text) }
        #expect(error?.message == words + " See the API docs for more information about request parameters.")
    }

    @Test("no other number than the one sent is ever read (BI-87..92)")
    func numbers() throws {
        #expect(try read(#"{"run_id":"a","value":"NaN"}"#).value?.isNaN == true)
        #expect(try read(#"{"run_id":"a","value":NaN}"#).value?.isNaN == true)
        #expect(try read(#"{"run_id":"a","value":"-Infinity"}"#).value == -.infinity)
        #expect(try read(#"{"run_id":"a","value":"1.5"}"#).value == 1.5)
        #expect(try read(#"{"run_id":"a","value":100000000000000000000000000000}"#).value == 1e29)
        #expect(try read(#"{"run_id":"a","max_results":1e3}"#).count == 1000)
        for text in [
            "\"value\":1e400", "\"value\":\"1e400\"", "\"value\":\"x\"", "\"value\":[]",
            "\"max_results\":9223372036854775808", "\"max_results\":true",
        ] {
            #expect(throws: APIError.self) { try read("{\"run_id\":\"a\",\(text)}") }
        }
    }

    @Test("lists are bounded: N is fine, N and one more is refused")
    func bounds() throws {
        #expect(try read(#"{"run_id":"a","names":["x","y"]}"#).names == ["x", "y"])
        #expect(throws: APIError.self) { try read(#"{"run_id":"a","names":["x","y","z"]}"#) }
    }

    @Test("in a query, lists are repeated names and the first of several values counts")
    func query() throws {
        var fields = Fields(query: [
            ("run_id", "a"), ("run_id", "b"), ("names", "x"), ("names", "y"), ("max_results", "3"),
        ])
        let probe = try Probe(from: &fields)
        #expect(probe.runID == "a")
        #expect(probe.names == ["x", "y"])
        #expect(probe.count == 3)
    }

    @Test("a request tells its own shape")
    func shape() {
        #expect(Probe.shape.map(\.name) == ["run_id", "run_uuid", "max_results", "value", "names"])
        #expect(Probe.shape.first?.required == true)
        #expect(Probe.shape.last?.maxItems == 2)
    }
}
