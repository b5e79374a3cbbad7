//! One table of every error the API can answer. Handlers name an entry; the documentation page is
//! printed from it.

/// The word in `meta.type`; SDKs choose the class of their exception by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request has to be changed.
    BadRequest,
    /// The key is missing or unknown.
    Unauthorized,
    /// The key does not open this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Too fast.
    TooManyRequests,
    /// Our side failed; the same request may succeed later.
    InternalError,
}

impl Kind {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "NotFound",
            Self::TooManyRequests => "TooManyRequests",
            Self::InternalError => "InternalError",
        }
    }
}

/// A line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// `meta.code`.
    pub meta_code: u16,
    /// Status of the HTTP answer.
    pub http_status: u16,
    /// `meta.type`.
    pub kind: Kind,
    /// `meta.message`; `{field}` stands for the field's path.
    pub message: &'static str,
    /// The field it is about when nobody says; empty where the message names none.
    pub field: &'static str,
    /// When it is answered and how to mend it, for the documentation.
    pub documentation: &'static str,
}

macro_rules! catalogue {
    ($($name:ident $meta_code:literal $http_status:literal $kind:ident $message:literal $field:literal $documentation:literal;)*) => {
        /// An error of the API, named by what it means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $documentation] $name,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its line of the catalogue.
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$name => Entry {
                        meta_code: $meta_code,
                        http_status: $http_status,
                        kind: Kind::$kind,
                        message: $message,
                        field: $field,
                        documentation: $documentation,
                    },)*
                }
            }
        }
    };
}

// The short messages are protocol: clients of other implementations compare them.
catalogue! {
    BadRequest 400 400 BadRequest "The request is invalid or cannot be served." ""
        "Any fault of a request that has no code of its own, such as a body over the limit.";
    InvalidJson 4001 400 BadRequest "Invalid JSON data." ""
        "The body is not JSON, or not a JSON object.";
    InvalidJsonV4 4002 400 BadRequest "Invalid JSON." ""
        "The older twin of 4001; only v4 ever answered it.";
    TrackingExists 4003 400 BadRequest "Tracking already exists." ""
        "The organization follows this number of this courier already; `data.tracking` is the one that exists.";
    TrackingNotFound 4004 404 NotFound "Tracking does not exist." ""
        "No tracking has this id.";
    TrackingNumberInvalid 4005 400 BadRequest "The value of `{field}` is invalid." "tracking_number"
        "A tracking number has 4 to 100 letters A to Z, digits and `-` `.` `_` `/`.";
    TrackingObjectRequired 4006 400 BadRequest "The `tracking` object is required." ""
        "Versions up to 2024-04 wrap the body in `tracking`.";
    TrackingNumberRequired 4007 400 BadRequest "`{field}` is required." "tracking_number"
        "The body has no tracking number.";
    ValueInvalid 4008 400 BadRequest "The value of `{field}` is invalid." "body"
        "The named field has a wrong type, form or size; the message says what it may be.";
    ValueRequired 4009 400 BadRequest "`{field}` is required." "body"
        "The named field has to be given.";
    SlugInvalid 4010 400 BadRequest "The value of `{field}` is invalid." "slug"
        "No courier has this slug.";
    RequiredFieldMissing 4011 400 BadRequest "The courier needs more than the tracking number." ""
        "Fields that the courier requires are missing or invalid; the message names them.";
    CourierUnknown 4012 400 BadRequest "The courier could not be recognised." ""
        "No slug was given and the number fits no courier; send `slug`.";
    RetrackActive 4013 400 BadRequest "Only an inactive tracking can be retracked." ""
        "The tracking is still followed; there is nothing to restart.";
    NotificationRequired 4014 400 BadRequest "The `notification` object is required." ""
        "Versions up to 2024-04 wrap the receivers in `notification`.";
    IdInvalid 4015 400 BadRequest "The value of `{field}` is invalid." "id"
        "An id is 32 or 24 hexadecimal digits, or your own: 1 to 128 of letters, digits, `_` and `-`.";
    RetrackLimit 4016 400 BadRequest "The tracking cannot be retracked again." ""
        "A tracking is retracked three times at most, once in versions before 2026-01.";
    NumberFormatInvalid 4017 400 BadRequest "The format of `{field}` is invalid." "tracking_number"
        "The number has none of this courier's formats; check number and slug.";
    ApiKeyInvalid 401 401 Unauthorized "The API key is invalid." ""
        "The header `as-api-key` is missing, or its key is unknown or revoked.";
    Forbidden 403 403 Forbidden "The request is understood, but access is not allowed." ""
        "The key lacks the scope of this route.";
    NotFound 404 404 NotFound "The URI is invalid or the resource does not exist." ""
        "No such path, method or thing.";
    RequestRunning 409 409 BadRequest "The same request is still being worked on." ""
        "A request with this `Idempotency-Key` has not ended yet; ask again after `Retry-After`.";
    KeyReused 422 422 BadRequest "The idempotency key was used for another request." ""
        "The `Idempotency-Key` came with another body within the last 24 hours; use a new key.";
    TooManyRequests 429 429 TooManyRequests "You have exceeded the API call rate limit." ""
        "Wait until `x-ratelimit-reset`.";
    InternalError 500 500 InternalError "Something went wrong on our side." ""
        "A fault of ours; it is logged under the answer's `x-request-id`.";
    BadGateway 502 502 InternalError "Something went wrong on our side." ""
        "A proxy in between did not reach us.";
    Unavailable 503 503 InternalError "The service is unavailable for a moment." ""
        "The database cannot be reached; nothing was written. Repeat the request.";
    GatewayTimeout 504 504 InternalError "Something went wrong on our side." ""
        "A proxy in between waited too long.";
}

impl Code {
    /// The message about its own field.
    pub fn message(self) -> String {
        let entry = self.entry();
        entry.message.replace("{field}", entry.field)
    }

    /// The message about this field.
    pub fn message_on(self, field: &str) -> String {
        let message = self.entry().message;
        if message.contains("{field}") {
            message.replace("{field}", field)
        } else {
            format!("{message} See `{field}`.")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_told_apart_and_belong_to_their_status() {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            let entry = code.entry();
            assert!(seen.insert(entry.meta_code), "{} twice", entry.meta_code);
            let kind = match entry.http_status {
                400 | 409 | 422 => Kind::BadRequest,
                401 => Kind::Unauthorized,
                403 => Kind::Forbidden,
                404 => Kind::NotFound,
                429 => Kind::TooManyRequests,
                500..=504 => Kind::InternalError,
                other => panic!("{code:?} answers {other}"),
            };
            assert_eq!(entry.kind, kind, "{code:?}");
            assert_eq!(
                entry.message.contains("{field}"),
                !entry.field.is_empty(),
                "{code:?}"
            );
            assert!(
                entry.message.ends_with('.') && entry.documentation.ends_with('.'),
                "{code:?}"
            );
        }
        let documented: BTreeSet<u16> = (4001..=4017)
            .chain([400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504])
            .collect();
        assert_eq!(seen, documented);
    }

    #[test]
    fn wire_constants_are_kept() {
        for (code, message) in [
            (Code::InvalidJson, "Invalid JSON data."),
            (Code::TrackingExists, "Tracking already exists."),
            (Code::TrackingNotFound, "Tracking does not exist."),
            (
                Code::TrackingNumberInvalid,
                "The value of `tracking_number` is invalid.",
            ),
            (
                Code::TrackingNumberRequired,
                "`tracking_number` is required.",
            ),
            (Code::SlugInvalid, "The value of `slug` is invalid."),
            (Code::IdInvalid, "The value of `id` is invalid."),
            (Code::ApiKeyInvalid, "The API key is invalid."),
        ] {
            assert_eq!(code.message(), message);
        }
    }
}
