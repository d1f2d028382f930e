package dev.holdfast.comparison;

import java.io.IOException;
final class Report { Report(Plan p, Results r){} void write() throws IOException {} }
