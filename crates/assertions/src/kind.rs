//! The types of assertions that are understood: what names one of each, who may be its authority, how new a form of it is
//! known. One table.

/// What holds for all assertions of a type (snapd, `asserts/asserts.go`).
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The headers that name one assertion of the type, in order; the optional ones last.
    pub(crate) primary_key: &'static [&'static str],
    /// Those of them that are optional, with what they are if left out.
    pub(crate) defaults: &'static [(&'static str, &'static str)],
    /// Whether it must have an `authority-id`; else it must not.
    pub(crate) authority: bool,
    /// The newest `format` that is understood.
    pub(crate) max_format: u64,
}

impl Kind {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|kind| kind.name == name)
    }

    pub(crate) fn default_of(&self, header: &str) -> Option<&'static str> {
        self.defaults.iter().find(|(name, _)| *name == header).map(|(_, default)| *default)
    }
}

const fn kind(name: &'static str, primary_key: &'static [&'static str]) -> Kind {
    Kind { name, primary_key, defaults: &[], authority: true, max_format: 0 }
}

const ALL: &[Kind] = &[
    kind("account", &["account-id"]),
    Kind { max_format: 1, ..kind("account-key", &["public-key-sha3-384"]) },
    Kind { authority: false, ..kind("account-key-request", &["public-key-sha3-384"]) },
    kind("snap-build", &["snap-sha3-384"]),
    Kind { max_format: 6, ..kind("snap-declaration", &["series", "snap-id"]) },
    Kind {
        defaults: &[("provenance", DEFAULT_PROVENANCE)],
        ..kind("snap-revision", &["snap-sha3-384", "provenance"])
    },
    kind("validation", &["series", "snap-id", "approved-snap-id", "approved-snap-revision"]),
];

/// Where a snap came from that went through the store's own upload.
pub(crate) const DEFAULT_PROVENANCE: &str = "global-upload";
