package dev.holdfast.cli;

import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.SaleId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the id of a sale. */
final class SaleIdConverter implements ITypeConverter<SaleId> {

    @Override
    public SaleId convert(String text) {
        if (!Identifiers.isIdentifier(text)) {
            throw new TypeConversionException("a sale's id matches [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}");
        }
        return new SaleId(text);
    }
}
