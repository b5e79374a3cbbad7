//! The document of a tracking, opened where somebody looks at it.

use std::borrow::Cow;

use crate::{Result, Unavailable};

/// A document as its engine keeps it. Most who change a tracking never look at the one from before, so it is
/// read as it stands.
#[derive(Debug, Clone)]
pub struct Document(Form);

#[derive(Debug, Clone)]
enum Form {
    Text(String),
    Packed {
        bytes: Box<[u8]>,
        unpack: fn(&[u8]) -> std::result::Result<String, String>,
    },
}

impl Document {
    /// One that its engine keeps in another form, and how that is read.
    pub fn packed(
        bytes: impl Into<Box<[u8]>>,
        unpack: fn(&[u8]) -> std::result::Result<String, String>,
    ) -> Self {
        let bytes = bytes.into();
        Self(Form::Packed { bytes, unpack })
    }

    /// The text; an error where the disk has broken it.
    pub fn text(&self) -> Result<Cow<'_, str>> {
        match &self.0 {
            Form::Text(text) => Ok(Cow::Borrowed(text)),
            Form::Packed { bytes, unpack } => unpack(bytes).map(Cow::Owned).map_err(Unavailable),
        }
    }

    /// The text as it was given; of one that was read and not changed, for the engine that has packed it, what was
    /// packed.
    pub fn as_text(&self) -> std::result::Result<&str, &[u8]> {
        match &self.0 {
            Form::Text(text) => Ok(text),
            Form::Packed { bytes, .. } => Err(bytes),
        }
    }
}

impl From<String> for Document {
    fn from(text: String) -> Self {
        Self(Form::Text(text))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.text(), other.text()), (Ok(one), Ok(other)) if one == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reversed(bytes: &[u8]) -> std::result::Result<String, String> {
        let bytes = bytes.iter().rev().copied().collect();
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_its_text_in_whichever_form() {
        let packed = Document::packed(*b"}{", reversed);
        assert_eq!(packed, Document::from("{}".to_owned()));
        assert_eq!(packed.text().as_deref().ok(), Some("{}"));
        assert_eq!(packed.as_text(), Err(&b"}{"[..]));
        assert_eq!(Document::from(String::new()).as_text(), Ok(""));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_like_nothing() {
        let broken = Document::packed(*b"\xff", reversed);
        assert!(broken.text().is_err());
        assert_ne!(broken, broken.clone());
    }
}
