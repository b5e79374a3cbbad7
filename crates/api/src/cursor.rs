//! Where the next page of a list begins, opaque to the caller.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use waybill_model::OrganizationId;
use waybill_versions::Problem;

use crate::query::Query;

const VERSION: u8 = 1;
/// Bytes of the checksum: enough to tell a broken cursor from a whole one, and one list's from
/// another's; it protects nothing, since a cursor shows nothing that the list would not.
const CHECKSUM: usize = 6;
const LENGTH: usize = 1 + 16 + CHECKSUM;

/// Cursors of one list: the same organization, route and conditions.
pub(crate) struct Cursors {
    list: [u8; 32],
}

impl Cursors {
    /// The cursors of this query; `conditions` are the names of the parameters that say which list
    /// it is (not those that say how it is shown).
    pub fn new(
        organization: OrganizationId,
        route: &str,
        query: &Query,
        conditions: &[&str],
    ) -> Result<Self, Problem> {
        let mut digest = Sha256::new();
        digest.update(organization.as_uuid().as_bytes());
        digest.update(route.as_bytes());
        digest.update(query.digest(conditions)?);
        Ok(Self {
            list: digest.finalize().into(),
        })
    }

    /// The key that the page begins after; 4008 for what is no cursor of this list.
    pub fn read(&self, query: &Query) -> Result<Option<Uuid>, Problem> {
        let Some(text) = query.text("cursor")? else {
            return Ok(None);
        };
        let read = || {
            let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(&text).ok()?.try_into().ok()?;
            let key = Uuid::from_slice(bytes.get(1..17)?).ok()?;
            (bytes == self.bytes(key)).then_some(key)
        };
        read().map(Some).ok_or_else(|| {
            let mend = "Send `next_cursor` of the page before, with the same conditions.";
            Problem::invalid("cursor", mend)
        })
    }

    /// The cursor of a page that ended with this key.
    pub fn text(&self, key: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes(key))
    }

    fn bytes(&self, key: Uuid) -> [u8; LENGTH] {
        let mut digest = Sha256::new();
        digest.update(self.list);
        digest.update(key.as_bytes());
        let checksum: [u8; 32] = digest.finalize().into();
        let mut bytes = [VERSION; LENGTH];
        let tail = key.as_bytes().iter().chain(&checksum);
        for (to, from) in bytes.iter_mut().skip(1).zip(tail) {
            *to = *from;
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let organization = OrganizationId::from_uuid(Uuid::from_u128(1));
        let cursors = |raw: &str| {
            Cursors::new(organization, "trackings", &Query::new(raw), &["tag"]).expect("good")
        };
        let key = Uuid::from_u128(7);
        let text = cursors("tag=Pending&limit=1").text(key);
        let read = |raw: &str| cursors(raw).read(&Query::new(raw));
        assert_eq!(
            read(&format!("tag=Pending&limit=9&cursor={text}")),
            Ok(Some(key))
        );
        assert_eq!(read("tag=Pending"), Ok(None));
        for broken in [
            format!("tag=Delivered&cursor={text}"),
            format!("cursor={text}"),
            "tag=Pending&cursor=abc".to_owned(),
            format!("tag=Pending&cursor={}", text.replacen('A', "B", 1)),
            format!("tag=Pending&cursor={text}A"),
            "tag=Pending&cursor=%F0%9F%92%A9".to_owned(),
        ] {
            assert!(read(&broken).is_err(), "{broken}");
        }
    }
}
