// The words of the search language, and which characters make one up.

/// A word of the text, without the blanks around it.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A bare word, a backquoted one, or one in square brackets.
        case name
        /// Text in double quotes: a key or a value, depending on where it stands.
        case symbol
        /// Text in single quotes.
        case string
        case integer
        case real
        /// A word that cannot be a name on its own.
        case keyword
        /// `ASC` or `DESC`, with `NULLS FIRST` or `NULLS LAST` if that follows.
        case order
        case comparison
        case wildcard
        case arithmetic
        case punctuation
        /// A bind variable such as `?` or `$1`, which the language knows as an operand but never accepts.
        case placeholder
        case comment
        /// A character that begins nothing, a lone quote for example.
        case stray
    }

    let kind: Kind
    /// Where it stands, in Unicode scalars.
    let range: Range<Int>
}

extension Unicode.Scalar {
    /// A letter that may begin a word which is a name wherever a dot or a parenthesis says so.
    var beginsLatinWord: Bool {
        switch value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0xDC, 0xE0...0xF6, 0xF8...0xFC: true
        default: false
        }
    }

    /// Whether a number may not end just before this character.
    var glues: Bool { self == "_" || beginsLatinWord }

    var isDigit: Bool { value >= 0x30 && value <= 0x39 }

    /// A character that may begin a word: a letter or a number of any script, or an underscore.
    var beginsWord: Bool {
        if isASCII { return self == "_" || isDigit || (value | 0x20 >= 0x61 && value | 0x20 <= 0x7A) }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }

    /// A character that may continue a word; marks are in, since many scripts write vowels with them.
    var continuesWord: Bool {
        if beginsWord { return true }
        if isASCII { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }

    var isBlank: Bool { (value >= 0x1C && value <= 0x1F) || properties.isWhitespace }

    var isLineEnd: Bool { self == "\n" || self == "\r" }
}
