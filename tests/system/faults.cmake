# Plants faults into stores: uses the insides of the store, as nothing but a test may.
if(TARGET hirsch_store)
  add_executable(plant ${CMAKE_CURRENT_SOURCE_DIR}/plant.c)
  hirsch_flags(plant)
  target_link_libraries(plant PRIVATE hirsch_store PkgConfig::LMDB)
  if(TARGET hirschd AND TARGET hirsch)
    hirsch_system_test(faults TIMEOUT 900)
  endif()
endif()
