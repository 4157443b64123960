// What an import reads of a disk, and the form in which PromptFlow writes times.

internal import Glibc

/// The few things that an import reads of a disk.
enum Disk {
    /// Names in a folder, without `.` and `..`; nil when it is none.
    static func names(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return ferror(file) == 0 ? bytes : nil
    }

    /// Paths of all plain files below a folder, relative to it and in order. Links are not followed.
    static func files(below path: String, prefix: String = "", depth: Int = 0) -> [String] {
        guard depth < 16 else { return [] }
        return (names(in: path) ?? []).sorted().flatMap { name -> [String] in
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { return [] }
            switch status.st_mode & S_IFMT {
            case S_IFREG: return [prefix + name]
            case S_IFDIR: return files(below: "\(path)/\(name)", prefix: prefix + name + "/", depth: depth + 1)
            default: return []
            }
        }
    }
}

/// `2026-11-24T04:19:14.981938Z` to milliseconds since 1970; the zone may be left out (UTC) or be an offset.
func milliseconds(iso text: String) -> Int64? {
    let digits = text.utf8.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 ? Int64($0 - UInt8(ascii: "0")) : -1 }
    func number(_ range: Range<Int>) -> Int64? {
        guard range.upperBound <= digits.count, digits[range].allSatisfy({ $0 >= 0 }) else { return nil }
        return digits[range].reduce(0) { $0 * 10 + $1 }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
        let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var fraction: Int64 = 0
    var position = 19
    if position < digits.count, text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: 19)] == UInt8(ascii: ".") {
        position += 1
        let start = position
        while position < digits.count, digits[position] >= 0 { position += 1 }
        for index in 0..<3 { fraction = fraction * 10 + (start + index < position ? digits[start + index] : 0) }
    }
    var offset: Int64 = 0
    let zone = text.utf8.dropFirst(position)
    if let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        guard let hours = number(position + 1..<position + 3), let minutes = number(position + 4..<position + 6) else {
            return nil
        }
        offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "+") ? 60 : -60)
    }
    // Days since 1970 in the Gregorian calendar; years begin in March, so that the leap day comes last.
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction - offset * 1000
}
