// What MLflow's server answers to who is not known, and to who may not. Clients and browsers know these words.

internal import HTTPTypes
internal import RoostCore

/// A refusal before anything was done.
enum AccessRefusal: Error {
    /// 401, which makes a browser ask for a name and a password.
    case unknown
    /// 403
    case forbidden
    /// 429: so many seconds to wait after wrong passwords.
    case wait(Int)

    var response: APIResponse {
        switch self {
        case .unknown:
            var response = APIResponse.text(
                "You are not authenticated. Please see"
                    + " https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow on how to authenticate.",
                status: 401, type: "text/html; charset=utf-8")
            response.headers[.wwwAuthenticate] = #"Basic realm="mlflow""#
            return response
        case .forbidden: return .text("Permission denied", status: 403, type: "text/html; charset=utf-8")
        case .wait(let seconds):
            var response = APIResponse(
                APIError(
                    .requestLimitExceeded,
                    "There were too many wrong passwords. The next one is looked at in \(seconds) s."))
            response.headers[.retryAfter] = String(seconds)
            return response
        }
    }
}
