//! How many requests a tenant may make: 100 a second with bursts of 500, just above what Forge
//! lets an installation send (5,000 invocations a minute). In this process's memory; the keys are
//! tenant ids of verified tokens, so that strangers cannot grow it.

use std::num::NonZeroU32;

use fit::Tenant;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::ErrorCode;

use crate::error::ApiError;

/// Counts requests by tenant.
pub struct Limits(DefaultKeyedRateLimiter<String>);

const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();

impl Default for Limits {
    fn default() -> Self {
        Self::new(PER_SECOND, BURST)
    }
}

impl Limits {
    /// So many requests of a tenant a second in the long run, and so many at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(
            Quota::per_second(per_second).allow_burst(burst),
        ))
    }

    /// Counts a request of the tenant.
    pub fn check(&self, tenant: &Tenant) -> Result<(), ApiError> {
        self.0.check_key(&tenant.id().to_owned()).map_err(|_| {
            metrics::counter!("golpo_rate_limited_total").increment(1);
            ErrorCode::RateLimited.into()
        })
    }

    /// Forgets tenants that have been quiet for long enough to be as new.
    pub fn tidy(&self) {
        self.0.retain_recent();
    }
}
