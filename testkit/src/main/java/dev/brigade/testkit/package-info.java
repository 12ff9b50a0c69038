/** The rules that every runner keeps, as tests. */
@NullMarked
package dev.brigade.testkit;

import org.jspecify.annotations.NullMarked;
