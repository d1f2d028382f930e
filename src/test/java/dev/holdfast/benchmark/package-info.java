/** What the service costs: whole requests. The benchmarks of its parts are beside the parts. */
package dev.holdfast.benchmark;
