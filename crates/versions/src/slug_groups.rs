//! Slug groups: the couriers that detection is restricted to by one word.
//!
//! The membership is data to edit, not a rule: couriers come and go in a group, and a member that
//! no definition exists for does no harm.

/// A group and its couriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlugGroup {
    /// The word of `slug_group`.
    pub name: &'static str,
    /// Slugs of its couriers.
    pub members: &'static [&'static str],
}

/// All groups.
pub const SLUG_GROUPS: &[SlugGroup] = &[
    SlugGroup {
        name: "amazon-group",
        members: &["amazon", "amazon-fba-us", "amazon-uk-api", "amazon-order"],
    },
    SlugGroup {
        name: "fedex-group",
        members: &[
            "fedex",
            "fedex-uk",
            "fedex-fims",
            "fedex-crossborder",
            "fedex-freight",
        ],
    },
    SlugGroup {
        name: "toll-group",
        members: &[
            "toll-ipec",
            "toll-priority",
            "toll-nz",
            "toll-global-express",
        ],
    },
    SlugGroup {
        name: "taqbin-group",
        members: &["taqbin-jp", "taqbin-sg", "taqbin-my", "taqbin-hk"],
    },
    SlugGroup {
        name: "tnt-group",
        members: &[
            "tnt",
            "tnt-fr",
            "tnt-uk-reference",
            "tnt-reference",
            "tnt-uk",
            "tnt-it",
            "tnt-click",
            "tnt-au",
        ],
    },
    SlugGroup {
        name: "cj-group",
        members: &[
            "cj-malaysia-international",
            "cj-korea-thai",
            "cj-gls",
            "cj-philippines",
            "cj-malaysia",
            "cj-hk-international",
        ],
    },
    SlugGroup {
        name: "hermes-group",
        members: &[
            "hermes-de",
            "myhermes-uk",
            "hermes-2mann-handling",
            "hrparcel",
            "hermes-it",
            "hermes",
        ],
    },
    SlugGroup {
        name: "dpd-group",
        members: &[
            "dpd-ro",
            "dpd-nl",
            "dpd-hungary",
            "dpd-uk",
            "dpd-de",
            "dpd",
            "dpd-ireland",
            "dpd-ru",
            "dpd-hk",
            "dpd-poland",
            "exapaq",
            "interlink-express",
        ],
    },
    SlugGroup {
        name: "gls-group",
        members: &[
            "gls-slovakia",
            "gls",
            "gls-italy",
            "gls-cz",
            "gls-netherlands",
            "gls-croatia",
            "gls-spain",
            "asm",
            "gls-slovenia",
        ],
    },
    SlugGroup {
        name: "dhl-group",
        members: &[
            "dhlparcel-es",
            "dhl",
            "dhl-reference",
            "dhl-hk",
            "dhlparcel-nl",
            "dhl-global-mail-asia",
            "dhlparcel-uk",
            "dhl-supply-chain-au",
            "dhl-pieceid",
            "dhl-poland",
            "dhl-nl",
            "dhl-global-mail",
            "dhl-es",
            "dhl-benelux",
            "dhl-germany",
            "dhl-active-tracing",
        ],
    },
    SlugGroup {
        name: "fastway-group",
        members: &["fastway-au", "fastway-ireland", "fastway-nz", "fastway-za"],
    },
    SlugGroup {
        name: "asendia-group",
        members: &[
            "asendia",
            "asendia-de",
            "asendia-hk",
            "asendia-uk",
            "asendia-usa",
        ],
    },
    SlugGroup {
        name: "brt-group",
        members: &[
            "brt-it-sender-ref",
            "brt-it-api",
            "brt-it",
            "brt-it-parcelid",
        ],
    },
    SlugGroup {
        name: "seur-group",
        members: &[
            "spanish-seur-api",
            "international-seur-api",
            "international-seur",
            "portugal-seur",
            "spanish-seur",
        ],
    },
];

/// The couriers of the group of this name.
pub fn slug_group(name: &str) -> Option<&'static [&'static str]> {
    let group = SLUG_GROUPS.iter().find(|group| group.name == name)?;
    Some(group.members)
}

#[cfg(test)]
mod tests {
    use waybill_model::CourierSlug;

    use super::*;

    #[test]
    fn members_are_slugs_and_no_group_is_listed_twice() {
        for (at, group) in SLUG_GROUPS.iter().enumerate() {
            assert!(
                SLUG_GROUPS
                    .iter()
                    .skip(at + 1)
                    .all(|other| other.name != group.name)
            );
            for member in group.members {
                assert!(
                    CourierSlug::parse(member).is_some(),
                    "{member} in {}",
                    group.name
                );
            }
        }
        assert!(slug_group("dhl-group").is_some() && slug_group("dhl").is_none());
    }
}
