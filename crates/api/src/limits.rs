//! What one request may cost.

use std::time::Duration;

/// Largest body that is read. A full tracking with all its fields has some 100 KB.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Largest body of a batch: a thousand trackings with all that shops usually say of one, four times.
pub const MAX_BATCH_BODY_BYTES: usize = 8 * 1024 * 1024;

/// How much of a body that nobody reads is taken and thrown away, so that the caller, who is still
/// sending, gets to read the answer instead of a broken connection.
pub const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the rest of a body that nobody reads may take.
pub const LEFTOVER_TIMEOUT: Duration = Duration::from_secs(5);

/// Trackings or deliveries of one page: documented default and ceiling.
pub const DEFAULT_PAGE: usize = 100;
/// See [`DEFAULT_PAGE`].
pub const MAX_PAGE: usize = 200;

/// Documented: numbers in one list query.
pub const MAX_LISTED_NUMBERS: usize = 50;

/// Alternatives of any other filter; more than all tags, fewer than all couriers.
pub const MAX_FILTER_ITEMS: usize = 100;

/// Longest keyword, in characters.
pub const MAX_KEYWORD: usize = 200;

/// Longest `x-request-id` of a caller that is taken over.
pub const MAX_REQUEST_ID: usize = 128;

/// A list goes back so many days where nothing says otherwise (documented).
pub const LIST_WINDOW_DAYS: i64 = 120;

/// How deep the pages of a list go in versions that count them; further ones are empty.
pub const MAX_PAGED: usize = 10_000;

/// Longest `Idempotency-Key` (documented).
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

/// Smaller answers fit a packet or two as they are, and are not worth the work.
pub const MIN_COMPRESSED_BYTES: usize = 1_024;
