//! How many requests a tenant may make: 100 a second with bursts of 500, just above what Forge
//! lets an installation send (5,000 invocations a minute); and how many failures its app may report:
//! one a second with bursts of 30. In this process's memory; the keys are
//! tenant ids of verified tokens, so that strangers cannot grow it.

use std::num::NonZeroU32;

use fit::Tenant;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::ErrorCode;

use crate::error::ApiError;

/// Counts requests by tenant.
pub struct Limits {
    requests: DefaultKeyedRateLimiter<String>,
    reports: DefaultKeyedRateLimiter<String>,
}

const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
const REPORTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(1).unwrap();
const REPORTS_BURST: NonZeroU32 = NonZeroU32::new(30).unwrap();

impl Default for Limits {
    fn default() -> Self {
        Self::new(PER_SECOND, BURST)
    }
}

impl Limits {
    /// So many requests of a tenant a second in the long run, and so many at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let limiter = |per_second, burst| {
            RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst))
        };
        Self {
            requests: limiter(per_second, burst),
            reports: limiter(REPORTS_PER_SECOND, REPORTS_BURST),
        }
    }

    /// Counts a request of the tenant.
    pub fn check(&self, tenant: &Tenant) -> Result<(), ApiError> {
        check(&self.requests, tenant)
    }

    /// Counts a failure that the tenant's app reports.
    pub fn check_report(&self, tenant: &Tenant) -> Result<(), ApiError> {
        check(&self.reports, tenant)
    }

    /// Forgets tenants that have been quiet for long enough to be as new.
    pub fn tidy(&self) {
        self.requests.retain_recent();
        self.reports.retain_recent();
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<String>, tenant: &Tenant) -> Result<(), ApiError> {
    limiter.check_key(&tenant.id().to_owned()).map_err(|_| {
        metrics::counter!("golpo_rate_limited_total").increment(1);
        ErrorCode::RateLimited.into()
    })
}
