// Large answers together are bounded: what would be too much is told to come again.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Answers on their way")
struct OutgoingTests {
    private func answer(_ bytes: Int) -> APIResponse { .json([UInt8](repeating: 0x20, count: bytes)) }

    @Test("small ones are not counted; large ones are, until they are sent; one that is larger than all passes alone")
    func bounded() {
        let outgoing = OutgoingBytes(limit: 4 << 20)
        var small = answer(OutgoingBytes.small)
        #expect(outgoing.take(&small) == 0 && small.status == 200)
        var first = answer(3 << 20)
        let share = outgoing.take(&first)
        #expect(share == 3 << 20 && first.status == 200)
        var second = answer(2 << 20)
        #expect(outgoing.take(&second) == 0)
        #expect(second.status == 503 && second.headers[.retryAfter] == "1" && second.body.count < 200)
        var another = answer(OutgoingBytes.small)
        #expect(outgoing.take(&another) == 0 && another.status == 200)
        outgoing.giveBack(share)
        var huge = answer(9 << 20)
        #expect(outgoing.take(&huge) == 9 << 20 && huge.status == 200)
    }
}
